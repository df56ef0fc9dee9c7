/// Names and helps of what the metrics engine tells of itself.
package enum StoreFamilies {
    package typealias Name = WorkerFamilies.Name

    package static let dropped = Name(
        name: "talon_metrics_series_dropped_total",
        help: "New series that could not be stored and are counted where nobody sees them, by reason")
    package static let fileErrors = Name(
        name: "talon_metrics_file_errors_total", help: "Metric files that could not be shown in full, by reason")
    package static let retiredFiles = Name(
        name: "talon_metrics_retired_files_total",
        help: "Metric files of ended processes whose values were moved to the archive")
}

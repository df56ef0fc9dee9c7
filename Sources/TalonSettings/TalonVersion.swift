/// The version of Talon.
package enum TalonVersion {
    package static let text = "0.1.0"
}

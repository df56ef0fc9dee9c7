/// How a plugin's code is kept from harming others. docs/plugins.md has the table of what follows from which fault.
package enum Isolation: String, CaseIterable, Sendable {
    /// Called in the worker, with the ledger around it.
    case inline
    /// As inline, and a crash comes back to the host; plugins in C only. The worker is replaced afterwards.
    case guarded
    /// Called in the plugin's hook runner: all hooks of the server's side.
    case isolated
}

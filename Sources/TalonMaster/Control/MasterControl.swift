import TalonControl
import TalonPlatform
import TalonSettings

/// The control sockets in the master's life.
extension Master {
    /// While the master before has the names.
    private static let suffix = ".2"

    /// Opens them. Nothing that is wrong with them keeps the server from serving.
    func openControl() {
        let server = ControlServer(log: log) { [unowned self] request, role, connection in
            answer(request, role, connection)
        }
        server.open(settings, suffix: predecessor == nil ? "" : Master.suffix)
        control = server
    }

    /// Takes the names of the master before, which has ended.
    func promoteControl() {
        control?.promote(mode: settings.controlSocketMode, suffix: Master.suffix)
    }
}

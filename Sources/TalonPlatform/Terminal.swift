import CTalonPlatform
import Glibc

/// The terminal that a program of this user runs in; termios(3).
package struct Terminal {
    private let saved: termios

    /// nil if standard input or standard output is none.
    package init?() {
        var state = termios()
        guard isatty(STDOUT_FILENO) == 1, tcgetattr(STDIN_FILENO, &state) == 0 else { return nil }
        saved = state
    }

    /// Keys come at once and are not shown; those of signals still are signals.
    package func takeKeys() {
        var state = saved
        state.c_lflag &= ~tcflag_t(ICANON | ECHO)
        tcsetattr(STDIN_FILENO, TCSANOW, &state)
    }

    /// As it was found.
    package func restore() {
        var state = saved
        tcsetattr(STDIN_FILENO, TCSANOW, &state)
    }

    /// Columns and rows; 80 and 24 where the terminal does not say.
    package static var size: (columns: Int, rows: Int) {
        var window = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &window) == 0, window.ws_col > 0, window.ws_row > 0 else {
            return (80, 24)
        }
        return (Int(window.ws_col), Int(window.ws_row))
    }
}

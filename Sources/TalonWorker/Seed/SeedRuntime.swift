import CTalonWorker
import TalonPlatform
import TalonSettings

/// The seed: a process with a loaded application, from which the master has workers forked.
///
/// It has one socket, to the master, and does one thing at a time. The main thread; the application may have others.
final class SeedRuntime {
    let inheritance: Inheritance
    /// Any thread.
    let log: ErrorLog
    private let socket: MessageSocket
    /// What the process was called before it was a seed.
    private let name = ThisProcess.name
    /// The worker that is wanted.
    private var request: (age: UInt64, descriptors: [FileDescriptor])?
    private var hasWarned = false

    /// As the process is called while it is a seed: its arguments are those of its workers too.
    static let title = "talon-seed"

    /// Reads what the master left on the fixed descriptors. Throws a sentence.
    init() throws(BootError) {
        guard let inheritance = Inheritance.received() else {
            throw BootError("a seed is started by the master, not by hand: descriptor 3 has no inheritance")
        }
        self.inheritance = inheritance
        do {
            log = try inheritance.openErrorLog()
        } catch {
            throw BootError("\(error)")
        }
        socket = MessageSocket(inherited: FileDescriptor(rawValue: Inheritance.Place.first))
        ThisProcess.name = SeedRuntime.title
        log.info("Booting seed with pid: \(ThisProcess.pid)")
    }

    func loaded() {
        say(.loaded)
    }

    /// Waits until a worker is wanted. False if none ever will be: the master has closed the socket, or is gone.
    func wait() -> Bool {
        while true {
            _ = PollSet.wait(for: [socket.descriptor], timeoutMilliseconds: -1)
            do {
                guard let message = try socket.receive(limit: SeedMessage.size) else { continue }
                if message.isEnd { return false }
                switch SeedMessage(decoding: message.bytes) {
                case .fork(let age):
                    request = (age, message.descriptors)
                    return true
                case .reopenLogs: log.reopen()
                default: for descriptor in message.descriptors { descriptor.close() }
                }
            } catch {
                log.error("The seed (pid:\(ThisProcess.pid)) cannot hear the master: \(error)")
                return false
            }
        }
    }

    /// Forks the worker that is wanted. True in the new process.
    func fork() -> Bool {
        guard let request else { return false }
        warnOfThreads()
        do throws(SystemError) {
            guard 1 + Int(inheritance.last) - Int(Inheritance.Place.facts) == request.descriptors.count - 1 else {
                // What the application has open may be where they are to be.
                throw SystemError(call: "seed", errno: SystemError.invalid, context: "descriptors")
            }
            switch try OrphanProcess.fork(name: name) {
            case .orphan: return true
            case .maker(let pidfd):
                say(.forked(age: request.age), with: [pidfd])
                pidfd.close()
            }
        } catch {
            say(.failed(age: request.age, errno: error.errno))
        }
        for descriptor in request.descriptors { descriptor.close() }
        self.request = nil
        return false
    }

    /// In the new process: waits for the master's word, and puts what it left where every worker has it. False if the
    /// process is not to be a worker.
    func becomeWorker() -> Bool {
        guard let request, let pipe = request.descriptors.first else { return false }
        var word: [UInt8] = []
        // The master knows this process now, and is its parent; or it does not want it any more.
        guard (try? pipe.read(upTo: 1, into: &word)) == 1 else { return false }
        pipe.close()
        socket.descriptor.close()
        log.close()
        do {
            try OrphanProcess.place(Array(request.descriptors.dropFirst()))
        } catch {
            FileDescriptor.standardError.writeAll(Array("talon: a worker cannot begin: \(error)\n".utf8))
            return false
        }
        return ThisProcess.follow(parent: inheritance.masterPid, with: .terminate)
    }

    /// Said once: it is as with any server that forks a loaded application, and seldom what its author has thought of.
    private func warnOfThreads() {
        guard !hasWarned, let count = ThisProcess.threadCount, count > 1 else { return }
        hasWarned = true
        log.warning(
            "The seed has \(count) threads: what the application starts at its import is not in the workers; "
                + "start threads in a worker, or do without preload_app")
    }

    /// A master that does not listen has closed the socket, which ends the next wait.
    private func say(_ message: SeedMessage, with descriptors: [FileDescriptor] = []) {
        do {
            try socket.send(message.encoded, with: descriptors)
        } catch {
            log.debug("The seed (pid:\(ThisProcess.pid)) cannot reach the master: \(error)")
        }
    }
}

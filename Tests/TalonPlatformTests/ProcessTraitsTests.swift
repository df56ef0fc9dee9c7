import Glibc
import TalonPlatform
import Testing

@Suite(.serialized) struct `The traits of a process` {
    @Test func `that nobody changed are left alone`() {
        #expect(ProcessTraits().restore() == [])
    }

    @Test func `come back when the signal mask was changed`() {
        // Whether the runner of the tests has it blocked is not ours to say.
        func isBlocked() -> Bool {
            var now = sigset_t()
            pthread_sigmask(SIG_BLOCK, nil, &now)
            return sigismember(&now, SIGUSR2) == 1
        }
        let before = isBlocked()
        let traits = ProcessTraits()
        var set = sigset_t()
        sigaddset(&set, SIGUSR2)
        pthread_sigmask(before ? SIG_UNBLOCK : SIG_BLOCK, &set, nil)
        #expect(traits.restore() == ["the signal mask"])
        #expect(isBlocked() == before)
    }

    @Test func `come back when the file mode mask was changed`() {
        let traits = ProcessTraits()
        let before = umask(0o777)
        #expect(traits.restore() == ["the file mode mask"])
        #expect(umask(before) == before)
    }
}

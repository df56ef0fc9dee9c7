import Synchronization
import TalonPlatform
import TalonTesting
import Testing

@testable import TalonExporter

@Suite struct `Passwords` {
    private let users = ["alice": correctHash]

    @Test func `are checked, and answered again from memory`() {
        let check = PasswordCheck(limit: 1)
        for _ in 0..<3 {
            #expect(check.check(user: "alice", password: Array("correct".utf8), among: users) == .right)
            #expect(check.check(user: "alice", password: Array("wrong".utf8), among: users) == .wrong)
            #expect(check.check(user: "alice", password: [], among: users) == .wrong)
            #expect(check.check(user: "bob", password: Array("correct".utf8), among: users) == .wrong)
            #expect(check.check(user: "", password: Array("correct".utf8), among: users) == .wrong)
        }
    }

    @Test func `with a NUL are wrong: C would see their beginning only`() {
        let check = PasswordCheck(limit: 1)
        #expect(check.check(user: "alice", password: Array("correct\0x".utf8), among: users) == .wrong)
    }

    @Test func `that are right are remembered however many wrong ones are tried`() {
        let check = PasswordCheck(limit: 1)
        #expect(check.check(user: "alice", password: Array("correct".utf8), among: users) == .right)
        for number in 0..<250 {
            #expect(check.check(user: "alice", password: Array("guess \(number)".utf8), among: users) == .wrong)
        }
        // No place to compute anything: this is an answer from memory.
        #expect(PasswordCheck(limit: 0).check(user: "alice", password: Array("correct".utf8), among: users) == .busy)
        #expect(check.check(user: "alice", password: Array("correct".utf8), among: users) == .right)
    }

    @Test func `that changed count at once`() {
        let check = PasswordCheck(limit: 1)
        #expect(check.check(user: "alice", password: Array("correct".utf8), among: users) == .right)
        let others = ["alice": String(correctHash.dropLast()) + "z"]
        #expect(check.check(user: "alice", password: Array("correct".utf8), among: others) == .wrong)
    }

    @Test func `are worked on a few at a time, and the others are told to come again`() throws {
        // Each takes a while, so that some meet.
        let costly = ["alice": "$2b$10" + correctHash.dropFirst(6)]
        let check = PasswordCheck(limit: 1)
        let answers = Mutex<[PasswordCheck.Answer]>([])
        for thread in 0..<4 {
            let started = SystemThread.start {
                for number in 0..<5 {
                    let answer = check.check(user: "alice", password: Array("\(thread) \(number)".utf8), among: costly)
                    answers.withLock { $0.append(answer) }
                }
            }
            #expect(started)
        }
        try eventually("all have an answer", within: .seconds(120)) { answers.withLock { $0.count == 20 } }
        let told = answers.withLock { $0 }
        #expect(told.contains(.busy) && told.contains(.wrong) && !told.contains(.right))
        // And afterwards there is room again.
        #expect(check.check(user: "alice", password: Array("last".utf8), among: costly) == .wrong)
    }
}

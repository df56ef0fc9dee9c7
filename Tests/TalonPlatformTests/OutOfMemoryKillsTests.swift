import TalonTesting
import Testing

@testable import TalonPlatform

@Suite struct `Kills for want of memory` {
    /// A counter that a test sets.
    private struct Counter {
        let directory: TemporaryDirectory
        var path: String { directory.file("memory.events") }

        init(_ count: Int) throws {
            directory = try TemporaryDirectory()
            try set(count)
        }

        func set(_ count: Int) throws {
            try directory.write("low 0\nhigh 12\noom 99\noom_kill \(count)\noom_group_kill 0\n", to: "memory.events")
        }
    }

    /// What so many claims in a row come to.
    private func claims(_ count: Int, _ kills: inout OutOfMemoryKills) -> [Bool] {
        (0..<count).map { _ in kills.claim() }
    }

    @Test func `are claimed once each`() throws {
        let counter = try Counter(5)
        var kills = OutOfMemoryKills(path: counter.path)
        let before = claims(1, &kills)
        #expect(before == [false], "what was before is none of ours")
        try counter.set(7)
        let after = claims(3, &kills)
        #expect(after == [true, true, false])
    }

    @Test func `are forgotten when a second has passed and nobody was missed`() throws {
        let counter = try Counter(0)
        var kills = OutOfMemoryKills(path: counter.path)
        try counter.set(1)
        kills.look()
        let early = claims(1, &kills)
        #expect(early == [true], "the process may take a moment to end")
        try counter.set(2)
        kills.look()
        kills.look()
        let late = claims(1, &kills)
        #expect(late == [false])
        try counter.set(3)
        let next = claims(2, &kills)
        #expect(next == [true, false])
    }

    @Test func `are not known without a counter`() throws {
        for path in [nil, "/nowhere/memory.events"] {
            var kills = OutOfMemoryKills(path: path)
            kills.look()
            let none = claims(2, &kills)
            #expect(none == [false, false])
        }
    }

    @Test(
        arguments: [
            // Version 2 on a host.
            (
                "0::/system.slice/app.service\n",
                "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n",
                ["/sys/fs/cgroup/system.slice/app.service/memory.events", "/sys/fs/cgroup/memory.events"]
            ),
            // Version 2 in a container with a namespace of its own.
            (
                "0::/\n", "900 880 0:26 / /sys/fs/cgroup ro - cgroup2 cgroup rw\n",
                ["/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory.events"]
            ),
            // Version 1 in a container, whose group is mounted as the root.
            (
                "5:memory:/docker/abc\n1:name=systemd:/docker/abc\n",
                "41 30 0:31 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n",
                ["/sys/fs/cgroup/memory/memory.oom_control", "/sys/fs/cgroup/memory/memory.oom_control"]
            ),
            // Both versions, with memory under version 1.
            (
                "4:cpu,memory:/app\n0::/\n",
                "31 30 0:30 / /sys/fs/cgroup/memory rw master:1 shared:2 - cgroup cgroup rw,cpu,memory\n"
                    + "32 30 0:31 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n",
                [
                    "/sys/fs/cgroup/unified/memory.events", "/sys/fs/cgroup/unified/memory.events",
                    "/sys/fs/cgroup/memory/app/memory.oom_control", "/sys/fs/cgroup/memory/memory.oom_control",
                ]
            ),
            ("", "", []), ("nonsense", "a b c - d\n- cgroup2\n", []),
        ] as [(String, String, [String])])
    func `are looked for where the control group is`(groups: String, mounts: String, expected: [String]) {
        #expect(OutOfMemoryKills.candidates(groups: groups, mounts: mounts) == expected)
    }
}

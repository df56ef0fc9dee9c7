import Testing

@testable import TalonPlatform

@Suite struct `A control group` {
    private static let unified = [
        "/proc/self/cgroup": "0::/kubepods/pod7/app\n",
        "/proc/self/mountinfo": "29 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw\n",
    ]
    private static let former = [
        "/proc/self/cgroup": "5:cpu,cpuacct:/docker/abc\n4:memory:/docker/abc\n",
        "/proc/self/mountinfo": """
        33 29 0:30 /docker/abc /sys/fs/cgroup/cpu,cpuacct ro - cgroup cgroup rw,cpu,cpuacct
        34 29 0:31 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory
        """,
    ]

    private func group(_ base: [String: String], _ files: [String: String]) -> ControlGroup {
        let all = base.merging(files) { $1 }
        return ControlGroup { all[$0] }
    }

    @Test func `of version 2 has the smallest quota of its ancestors`() {
        let root = "/sys/fs/cgroup"
        let pod = "\(root)/kubepods/pod7"
        #expect(group(Self.unified, ["\(pod)/app/cpu.max": "max 100000\n"]).cpuLimit == nil)
        #expect(group(Self.unified, ["\(pod)/app/cpu.max": "150000 100000\n"]).cpuLimit == 1.5)
        #expect(
            group(Self.unified, ["\(pod)/app/cpu.max": "max 100000\n", "\(pod)/cpu.max": "50000 100000\n"]).cpuLimit
                == 0.5)
    }

    @Test func `of version 1 has the quota of its own folder`() {
        let folder = "/sys/fs/cgroup/cpu,cpuacct"
        func limit(_ quota: String) -> Double? {
            group(Self.former, ["\(folder)/cpu.cfs_quota_us": quota, "\(folder)/cpu.cfs_period_us": "100000\n"])
                .cpuLimit
        }
        #expect(limit("-1\n") == nil)
        #expect(limit("200000\n") == 2)
    }

    @Test func `of version 2 has room up to its limit, without what the page cache gives back`() {
        let app = "/sys/fs/cgroup/kubepods/pod7/app"
        let some = group(
            Self.unified,
            [
                "\(app)/memory.max": "1000\n", "\(app)/memory.current": "900\n",
                "\(app)/memory.stat": "anon 500\ninactive_file 300\n",
            ])
        #expect(some.memoryLimit == 1000 && some.memoryRoom == 400)
        let none = group(Self.unified, ["\(app)/memory.max": "max\n", "\(app)/memory.current": "900\n"])
        #expect(none.memoryLimit == nil && none.memoryRoom == nil)
        let ancestor = group(
            Self.unified,
            [
                "\(app)/memory.max": "1000\n", "\(app)/memory.current": "100\n",
                "/sys/fs/cgroup/kubepods/memory.max": "2000\n", "/sys/fs/cgroup/kubepods/memory.current": "1950\n",
            ])
        #expect(ancestor.memoryLimit == 1000 && ancestor.memoryRoom == 50)
    }

    @Test func `of version 1 has room in the same way`() {
        let folder = "/sys/fs/cgroup/memory"
        let some = group(
            Self.former,
            [
                "\(folder)/memory.limit_in_bytes": "1000\n", "\(folder)/memory.usage_in_bytes": "1200\n",
                "\(folder)/memory.stat": "total_inactive_file 100\n",
            ])
        #expect(some.memoryLimit == 1000 && some.memoryRoom == 0)
        #expect(group(Self.former, ["\(folder)/memory.limit_in_bytes": "9223372036854771712\n"]).memoryLimit == nil)
    }

    @Test func `that cannot be read has no limits`() {
        let group = ControlGroup { _ in nil }
        #expect(group.cpuLimit == nil && group.memoryLimit == nil && group.memoryRoom == nil)
    }
}

@Suite struct `The CPUs of a process` {
    @Test(
        arguments: [
            ("0", 1), ("\t0-3\n", 4), ("0-1,4,8-9", 5), ("", nil), ("x", nil), ("3-1", nil),
        ] as [(String, Int?)])
    func `are counted from their list`(list: String, count: Int?) {
        #expect(Machine.count(list: list) == count)
    }

    @Test func `are at least one, and the machine has memory`() {
        #expect(Machine.cpuCount >= 1 && Machine.memory > 1 << 20)
    }
}

import TalonTesting

/// The program of Tests/Fixtures/guard/driver.c.
enum GuardDriver {
    /// Runs it to its end.
    static func run(_ name: String) throws -> CommandResult {
        let sources = Repository.root + "/Sources/CTalonGuard"
        // With optimisation and glibc's own check of longjmp(3), which are what a guard may stumble over.
        let program = try Compiler.program(
            files: ["guard/driver.c", "\(sources)/talon_plan.c", "\(sources)/talon_guard.c"],
            flags: [
                "-O2", "-D_GNU_SOURCE", "-U_FORTIFY_SOURCE", "-D_FORTIFY_SOURCE=2", "-Wextra", "-Werror", "-I",
                "\(sources)/include",
            ], libraries: ["-lffi", "-lpthread"])
        return try TalonTesting.run(program, [name], within: .seconds(60))
    }
}

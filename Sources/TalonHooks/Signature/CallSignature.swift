import TalonSettings

/// How a function is called: what it returns and where its arguments come from. Checked when it is made from a
/// manifest; a ``CallPlan`` carries it out.
package struct CallSignature: Equatable, Sendable {
    package enum Result: Equatable, Sendable {
        /// Nothing; the outcome is `TALON_OK`.
        case void
        /// `i32 status`: the outcome itself.
        case status
        /// `i32 errno`: 0 is `TALON_OK`, all else `TALON_ERROR`.
        case errno
        /// `bool ok`: true is `TALON_OK`, false `TALON_ERROR`.
        case ok
        /// `TYPE ignore`: the outcome is `TALON_OK`.
        case ignored(CallType)
    }

    package enum Source: Equatable, Sendable {
        /// The `talon_call` of the standard signature.
        case call
        /// A constant, or a setting of the plugin, as the bits of a 64-bit integer; negative ones sign-extended.
        case integer(UInt64)
        case real(Double)
        case text(String)
        case fact(Fact)
    }

    package struct Argument: Equatable, Sendable {
        package var type: CallType
        package var source: Source

        package init(_ type: CallType, _ source: Source) {
            self.type = type
            self.source = source
        }
    }

    package var result: Result
    package var arguments: [Argument]

    package init(result: Result, arguments: [Argument]) {
        self.result = result
        self.arguments = arguments
    }

    /// More arguments no function of ours has.
    package static let argumentLimit = 12

    /// `i32 status (ptr call)`.
    package static let standard = CallSignature(result: .status, arguments: [Argument(.ptr, .call)])
}

extension CallSignature {
    func encode(into writer: inout ByteWriter) {
        switch result {
        case .void: writer.put("void")
        case .status: writer.put("status")
        case .errno: writer.put("errno")
        case .ok: writer.put("ok")
        case .ignored(let type): writer.put("ignore \(type.rawValue)")
        }
        writer.put(UInt32(arguments.count))
        for argument in arguments {
            writer.put(argument.type.rawValue)
            switch argument.source {
            case .call: writer.put("call")
            case .integer(let bits):
                writer.put("integer")
                writer.put(bits)
            case .real(let number):
                writer.put("real")
                writer.put(number.bitPattern)
            case .text(let text):
                writer.put("text")
                writer.put(text)
            case .fact(let fact): writer.put(fact.rawValue)
            }
        }
    }

    init(decoding reader: inout ByteReader) throws(ByteReader.Truncated) {
        switch try reader.text() {
        case "void": result = .void
        case "status": result = .status
        case "errno": result = .errno
        case "ok": result = .ok
        case let word:
            guard word.hasPrefix("ignore "), let type = CallType(rawValue: String(word.dropFirst(7))) else {
                throw ByteReader.Truncated()
            }
            result = .ignored(type)
        }
        let count = try reader.number32()
        guard count <= CallSignature.argumentLimit else { throw ByteReader.Truncated() }
        arguments = []
        for _ in 0..<count {
            guard let type = CallType(rawValue: try reader.text()) else { throw ByteReader.Truncated() }
            let source: Source
            switch try reader.text() {
            case "call": source = .call
            case "integer": source = .integer(try reader.number64())
            case "real": source = .real(Double(bitPattern: try reader.number64()))
            case "text": source = .text(try reader.text())
            case let name:
                guard let fact = Fact(rawValue: name) else { throw ByteReader.Truncated() }
                source = .fact(fact)
            }
            arguments.append(Argument(type, source))
        }
    }
}

@testable import TalonSettings

/// Values of each kind of setting, right and wrong.
enum SampleValue {
    /// A text that is right everywhere, and what comes of it.
    static func of(_ kind: Setting.Kind) -> (text: String, value: SettingValue) {
        switch kind {
        case .text, .account, .hook: ("some.word", .text("some.word"))
        case .number(let range), .count(let range): ("\(range.lowerBound)", .number(range.lowerBound))
        case .mode: ("0640", .number(0o640))
        case .flag: ("true", .truth(true))
        case .list, .documents: ("one", .list(["one"]))
        case .choice(let words), .wordOrFlag(let words, _): (words.last ?? "", .text(words.last ?? ""))
        case .addresses: ("127.0.0.1:81", .list(["127.0.0.1:81"]))
        case .assignments: ("A=b", .list(["A=b"]))
        case .words: ("a,b", .list(["a", "b"]))
        case .networks: ("10.0.0.0/8,::1", .list(["10.0.0.0/8", "::1"]))
        case .pairs: ("X=y", .list(["X=y"]))
        case .table: ("", .text("{}"))
        }
    }

    /// As a file may have it, and what comes of it: what gunicorn's validators take from Python.
    static func right(_ kind: Setting.Kind) -> [(ConfigurationValue, SettingValue)] {
        switch kind {
        case .text: [(.text(" a "), .text("a")), (.text(""), .text(""))]
        case .number(let range), .count(let range):
            [
                (.number(range.lowerBound), .number(range.lowerBound)),
                (.text("\(range.upperBound)"), .number(range.upperBound)),
                (.text("0x\(String(range.upperBound, radix: 16))"), .number(range.upperBound)),
            ] + (range.contains(1) ? [(.truth(true), .number(1))] : [])
        case .mode: [(.number(0o22), .number(0o22)), (.text("0o22"), .number(0o22)), (.text("022"), .number(0o22))]
        case .flag:
            [
                (.truth(true), .truth(true)), (.truth(false), .truth(false)), (.text("True"), .truth(true)),
                (.text(" false "), .truth(false)),
            ]
        case .choice(let words): words.map { (.text($0.uppercased()), .text($0)) }
        case .wordOrFlag(let words, let bare):
            words.map { (.text($0), .text($0)) } + [
                (.truth(true), .text(bare)), (.truth(false), .text(words.first ?? "")),
            ]
        case .list:
            [(.text("a,b"), .list(["a", "b"])), (.list([.text("a,b")]), .list(["a,b"])), (.list([]), .list([]))]
        case .documents:
            [
                (.text("{path: a, id: b}"), .list(["{path: a, id: b}"])),
                (
                    .list([.text("a"), .table([.init(name: "path", value: .text("b"))])]),
                    .list(["a", #"{"path": "b"}"#])
                ),
            ]
        case .addresses:
            [
                (.text("h:1, unix:/s"), .list(["h:1", "unix:/s"])),
                (.list([.text("h:1"), .text("[::1]:2")]), .list(["h:1", "[::1]:2"])),
            ]
        case .assignments: [(.list([.text("A=1,2"), .text("B=")]), .list(["A=1,2", "B="]))]
        case .words: [(.text("a, b"), .list(["a", "b"])), (.list([.text("a")]), .list(["a"]))]
        case .networks:
            [(.text("*"), .list(["*"])), (.text("10.0.0.1,fe80::/64"), .list(["10.0.0.1", "fe80::/64"]))]
        case .account: [(.text("www"), .text("www")), (.number(33), .text("33"))]
        case .pairs: [(.table([.init(name: "X-Y", value: .text("on"))]), .list(["X-Y=on"]))]
        case .table:
            [(.table([.init(name: "a", value: .list([.number(1), .none]))]), .text(#"{"a": [1, null]}"#))]
        case .hook: [(.text("hooks.on_exit"), .text("hooks.on_exit"))]
        }
    }

    /// As a file may have it, and may not.
    static func wrong(_ kind: Setting.Kind) -> [ConfigurationValue] {
        let table = ConfigurationValue.table([.init(name: "a", value: .number(1))])
        switch kind {
        case .text: return [.number(1), .truth(true), .real(1.5), .list([]), table]
        case .number(let range):
            return numbers(outside: range) + [.text("auto")]
        case .count(let range): return numbers(outside: range)
        case .mode: return [.number(0o1000), .number(-1), .text("09"), .text("rw"), .truth(true), .list([]), table]
        case .flag: return [.text("yes"), .text(""), .number(1), .real(0), .list([.truth(true)]), table]
        case .choice, .wordOrFlag: return [.text("nonsense"), .text(""), .number(1), .list([]), table]
        case .list: return [.number(1), .list([.number(1)]), .list([.list([])]), .truth(true), table]
        case .documents: return [.number(1), .list([.number(1)]), .list([.list([])]), .truth(true), table]
        case .addresses: return [.text("h:x"), .list([.text("h:1"), .text("h:99999")]), .number(80), table]
        case .assignments: return [.text("A"), .list([.text("=1")]), .list([.none]), table]
        case .words: return [.number(1), .list([.number(1)]), table]
        case .networks:
            return [.text("localhost"), .text("10.0.0.0/33"), .text("::1/129"), .text("1.2.3"), .number(1), table]
        case .account: return [.number(-1), .text(""), .truth(true), .list([]), table]
        case .pairs: return [.text("X=y"), .list([]), table, .table([.init(name: "", value: .text("a"))])]
        case .table: return [.text("{}"), .list([]), .number(1)]
        case .hook: return [.text(""), .number(1), .list([]), table]
        }
    }

    private static func numbers(outside range: ClosedRange<Int>) -> [ConfigurationValue] {
        [
            .number(range.lowerBound - 1), .number(range.upperBound + 1), .text("\(range.upperBound + 1)"),
            .text("four"), .text(""), .text("1.5"), .text("010"), .text("1__0"), .text("99999999999999999999"),
            .real(2), .list([.number(1)]), .table([]),
        ]
    }
}

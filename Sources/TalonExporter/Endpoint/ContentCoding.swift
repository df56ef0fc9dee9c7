/// How a page is compressed on its way (RFC 9110 §8.4.1).
enum ContentCoding: String, CaseIterable {
    // In the order in which they are preferred where a client does not care.
    case zstd
    case gzip
    case identity

    /// The one that a client likes best. zstd only where it is named: who writes "*" may never have heard of it.
    static func negotiate(_ acceptEncoding: String?) -> ContentCoding {
        guard let acceptEncoding else { return .identity }
        let list = QualityList(acceptEncoding)
        func quality(_ coding: ContentCoding) -> Int {
            switch coding {
            case .zstd: list["zstd"] ?? 0
            case .gzip: list["gzip"] ?? list["x-gzip"] ?? list["*"] ?? 0
            // Always there to fall back to; a client that names others means them.
            case .identity: list["identity"] ?? 0
            }
        }
        var best = ContentCoding.identity
        for coding in allCases.reversed() where quality(coding) > 0 && quality(coding) >= quality(best) {
            best = coding
        }
        return best
    }
}

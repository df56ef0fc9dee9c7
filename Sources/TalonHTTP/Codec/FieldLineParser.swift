/// Field lines (RFC 9112 §5) up to the empty line that ends the head.
extension RequestParser {
    mutating func startLine(_ bytes: Span<UInt8>, _ limits: HTTPLimits, _ head: inout RequestHead) -> Step {
        guard cursor < bytes.count else { return .needsMore }
        switch bytes[cursor] {
        case Byte.carriageReturn:
            phase = .end
            return .next
        case Byte.lineFeed: return .rejected(.fieldLineEnding)
        // RFC 9112 §5.2 and §2.2: a server refuses a folded line and white space before the first field.
        case Byte.space, Byte.tab: return .rejected(fieldCount == 0 ? .leadingSpace : .foldedLine)
        default: break
        }
        if fieldCount >= limits.fields { return .rejected(.tooManyFields) }
        fieldCount += 1
        lineStart = cursor
        // The limit counts the CRLF, as gunicorn's does.
        let headEnd = fieldsStart + limits.headSize
        isHeadLimit = headEnd < cursor + limits.fieldSize - 2
        lineEnd = isHeadLimit ? headEnd : cursor + limits.fieldSize - 2
        mark = cursor
        nameClasses = 0
        isFolded = false
        phase = .name
        return parseName(bytes, limits, &head)
    }

    /// Which of the two limits ended the line.
    private func lineTooLong() -> Step {
        .rejected(isHeadLimit ? .headTooLarge : .fieldTooLong)
    }

    mutating func parseName(_ bytes: Span<UInt8>, _ limits: HTTPLimits, _ head: inout RequestHead) -> Step {
        let end = min(bytes.count, lineEnd)
        if cursor < end {
            let part = bytes.extracting(cursor..<end)
            var seen = nameClasses
            var index = 0
            while index < part.count {
                let classes = ByteClass.of(part[index])
                if classes & ByteClass.token == 0 { break }
                seen |= classes
                index += 1
            }
            nameClasses = seen
            cursor += index
        }
        if cursor >= lineEnd { return lineTooLong() }
        guard cursor < bytes.count else { return .needsMore }
        switch bytes[cursor] {
        case Byte.colon: break
        case Byte.carriageReturn: return .rejected(.fieldColon)
        case Byte.lineFeed: return .rejected(.fieldLineEnding)
        // RFC 9112 §5.1: no white space between name and colon, which once hid fields from proxies.
        case Byte.space, Byte.tab:
            guard limits.leniency.contains(.spacedNames) else { return .rejected(.fieldNameSpace) }
            return passSpaces(bytes, limits, &head)
        default: return .rejected(.fieldName)
        }
        return endName(at: cursor, bytes, limits, &head)
    }

    /// White space up to the colon. When it is not all here, it is looked at again from its start.
    private mutating func passSpaces(_ bytes: Span<UInt8>, _ limits: HTTPLimits, _ head: inout RequestHead) -> Step {
        let nameEnd = cursor
        var index = cursor
        while index < bytes.count, bytes[index] == Byte.space || bytes[index] == Byte.tab { index += 1 }
        if index >= lineEnd { return lineTooLong() }
        guard index < bytes.count else { return .needsMore }
        guard bytes[index] == Byte.colon else { return .rejected(.fieldNameSpace) }
        cursor = index
        return endName(at: nameEnd, bytes, limits, &head)
    }

    /// The cursor is at the colon.
    private mutating func endName(
        at end: Int, _ bytes: Span<UInt8>, _ limits: HTTPLimits, _ head: inout RequestHead
    ) -> Step {
        if end == mark { return .rejected(.fieldNameEmpty) }
        nameRange = ByteRange(mark, end)
        cursor += 1
        mark = cursor
        phase = .value
        return parseValue(bytes, limits, &head)
    }

    mutating func parseValue(_ bytes: Span<UInt8>, _ limits: HTTPLimits, _ head: inout RequestHead) -> Step {
        // One byte more than the limit, so that the CR of a line that just fits is seen.
        let end = min(bytes.count, lineEnd + 1)
        if cursor < end { cursor = bytes.skipValue(from: cursor, to: end) }
        if cursor > lineEnd { return lineTooLong() }
        guard cursor < bytes.count else { return .needsMore }
        switch bytes[cursor] {
        case Byte.carriageReturn: break
        case Byte.lineFeed: return .rejected(.fieldLineEnding)
        default: return .rejected(.fieldValue)
        }
        guard cursor + 1 < bytes.count else { return .needsMore }
        guard bytes[cursor + 1] == Byte.lineFeed else { return .rejected(.fieldLineEnding) }
        if limits.leniency.contains(.foldedLines) {
            guard cursor + 2 < bytes.count else { return .needsMore }
            if bytes[cursor + 2] == Byte.space || bytes[cursor + 2] == Byte.tab {
                // The limit is for all lines of it together.
                isFolded = true
                head.hasFolds = true
                cursor += 2
                return .next
            }
        }
        let field = HeaderField(
            name: nameRange, value: isFolded ? bytes.trimmedLines(mark, cursor) : bytes.trimmed(mark, cursor),
            isUnderscored: nameClasses & ByteClass.underscore != 0)
        cursor += 2
        phase = .lineStart
        if field.isUnderscored {
            switch limits.underscoredNames {
            case .drop: return .next
            case .refuse: return .rejected(.fieldNameUnderscore)
            case .keep: break
            }
        } else if isFolded, FramingFields.areTold(by: field.name, bytes) {
            return .rejected(.foldedLine)
        } else if let rejection = framing.note(field, bytes, &head) {
            return .rejected(rejection)
        }
        head.fields.append(field)
        return .next
    }

    mutating func endHead(_ bytes: Span<UInt8>, _ head: inout RequestHead) -> Step {
        guard cursor + 1 < bytes.count else { return .needsMore }
        guard bytes[cursor + 1] == Byte.lineFeed else { return .rejected(.fieldLineEnding) }
        cursor += 2
        if let rejection = framing.conclude(bytes, &head) { return .rejected(rejection) }
        phase = .complete
        return .next
    }
}

/// The resources of the metrics port, and who may see them. Any thread.
///
/// Any path is the metrics unless it is another's: so it was with the exporter before Talon.
struct Endpoint: Sendable {
    let pages: any PageSource
    let readiness: @Sendable () -> Readiness
    let access: AccessControl

    private enum Resource {
        case metrics
        case landing
        case icon
        case health
        case readiness

        /// Seen by everybody: load balancers and supervisors have no password.
        var isOpen: Bool { self == .health || self == .readiness }
    }

    private static let methods = "OPTIONS, GET, HEAD"

    func answer(_ request: EndpointRequest) -> EndpointResponse {
        let resource = resource(request)
        if !resource.isOpen, let refusal = access.refusal(of: request.authorization) { return refusal }
        switch request.method {
        case "GET", "HEAD": return answer(resource, request)
        case "OPTIONS":
            var response = EndpointResponse()
            response.add("Allow", Endpoint.methods)
            return response
        default:
            // The words of the exporter before Talon.
            var response = EndpointResponse.text(
                405, "# HTTP 405 Method Not Allowed: \(request.method); use OPTIONS or GET")
            response.add("Allow", Endpoint.methods)
            return response
        }
    }

    private func resource(_ request: EndpointRequest) -> Resource {
        switch request.path {
        case "/": LandingPage.isWanted(request.accept) ? .landing : .metrics
        case "/favicon.ico": .icon
        case "/healthz", "/health": .health
        case "/readyz": .readiness
        default: .metrics
        }
    }

    private func answer(_ resource: Resource, _ request: EndpointRequest) -> EndpointResponse {
        switch resource {
        case .metrics: return metrics(request)
        case .landing:
            var response = EndpointResponse(type: LandingPage.contentType, body: Array(LandingPage.html.utf8))
            response.add("Vary", "Accept")
            return response
        case .icon: return EndpointResponse()
        case .health: return .text(200, "ok")
        case .readiness:
            switch readiness() {
            case .ready: return .text(200, "ok")
            case .unready(let reason): return .text(503, reason)
            }
        }
    }

    private func metrics(_ request: EndpointRequest) -> EndpointResponse {
        let names = QueryText.values(of: "name[]", in: request.query)
        let coding = ContentCoding.negotiate(request.acceptEncoding)
        guard let page = pages.render(accept: request.accept, names: names, coding: coding) else {
            var response = EndpointResponse.text(503, "Too many scrapes are waiting; try again.")
            response.add("Retry-After", "1")
            return response
        }
        var response = EndpointResponse(type: page.type, body: page.body)
        if page.coding != .identity { response.add("Content-Encoding", page.coding.rawValue) }
        response.add("Vary", "Accept, Accept-Encoding")
        return response
    }
}

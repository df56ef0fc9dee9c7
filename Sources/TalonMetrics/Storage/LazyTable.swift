package import Synchronization
import TalonPlatform

/// Places for values that are made when they are first asked for: any thread reads what is made without a lock.
///
/// For series that are too many to be made ahead. Lives as long as its process, as instruments do.
package final class LazyTable<Value: Sendable>: @unchecked Sendable {
    // Unchecked: a value is written once, under the lock, before its mark says that it is there.
    @usableFromInline let values: UnsafeMutablePointer<Value>
    @usableFromInline let marks: UnsafeMutablePointer<Atomic<Bool>>
    private let lock = Lock()
    package let count: Int

    package init(count: Int) {
        self.count = count
        values = .allocate(capacity: count)
        marks = .allocate(capacity: count)
        for index in 0..<count { (marks + index).initialize(to: Atomic(false)) }
    }

    /// The value at `index`; nil until it is made.
    @inlinable
    package subscript(index: Int) -> Value? {
        precondition(index >= 0 && index < count, "no such place: \(index)")
        return marks[index].load(ordering: .acquiring) ? values[index] : nil
    }

    /// The value at `index`, made now if it is not there. `make` runs under the table's lock.
    @inlinable
    package func value(at index: Int, make: () -> Value) -> Value {
        self[index] ?? made(at: index, make)
    }

    @usableFromInline
    @inline(never)
    func made(at index: Int, _ make: () -> Value) -> Value {
        lock.withLock {
            if let value = self[index] { return value }
            let value = make()
            (values + index).initialize(to: value)
            marks[index].store(true, ordering: .releasing)
            return value
        }
    }
}

// For other modules, in whose code a generic call would look up its types each time.

extension LazyTable where Value == Counter {
    /// ``value(at:make:)``.
    package func counter(at index: Int, make: () -> Counter) -> Counter { value(at: index, make: make) }
}

extension LazyTable where Value == Histogram {
    /// ``value(at:make:)``.
    package func histogram(at index: Int, make: () -> Histogram) -> Histogram { value(at: index, make: make) }
}

// The shared library libTalonWorker.so: the worker runtime, for hosts that are not `talon` itself. Its entry points
// are in TalonWorker; this target exists because a library has its own export list.
@_exported import TalonWorker

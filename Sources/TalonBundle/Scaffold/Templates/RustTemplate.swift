/// A plugin in Rust, without a dependency: `talon.rs` is talon_plugin.h in Rust.
enum RustTemplate {
    static func source(_ id: String) -> String {
        """
        mod talon;

        use talon::{Call, PluginInfo, INFO, OK};

        static IDENTITY: PluginInfo = PluginInfo::new(c"\(id)", c"0.1.0");

        #[no_mangle]
        pub extern "C" fn talon_plugin_info_1() -> *const PluginInfo {
            &IDENTITY
        }

        /// In the plugin's hook runner, once the listeners are open. The other hooks are in talon_plugin.h.
        #[no_mangle]
        pub extern "C" fn talon_when_ready(call: *const Call) -> i32 {
            talon::hook(call, |call| {
                call.log(INFO, &format!("hello from port {}", call.server().map_or(0, |server| server.port)));
                OK
            })
        }

        """
    }

    static func makefile(_ plugin: Scaffold) -> String {
        plugin.makefileHead("TALON_INCLUDE", "\(plugin.home)/include") + """
            RUSTC ?= rustc

            $(PLUGIN): \(plugin.name).rs talon.rs Makefile
            \tmkdir -p $(@D)
            \t$(RUSTC) --edition 2021 --crate-type cdylib --crate-name \(plugin.identifier) -O -o $@ $<

            """ + plugin.makefileTail
    }

    static let bindings = """
        //! talon_plugin.h, ABI 1.1: the types that hooks see. Names and fields are those of the header, which documents them.
        #![allow(dead_code)]

        use std::ffi::{c_char, c_void, CStr};
        use std::mem::size_of;
        use std::panic::{catch_unwind, AssertUnwindSafe};

        pub const OK: i32 = 0;
        pub const HANDLED: i32 = 1;
        pub const DENY: i32 = 2;
        pub const ERROR: i32 = -1;
        pub const RETRY: i32 = -2;

        pub const DEBUG: i32 = 0;
        pub const INFO: i32 = 1;
        pub const WARNING: i32 = 2;
        pub const ERR: i32 = 3;
        pub const CRITICAL: i32 = 4;

        #[repr(C)]
        #[derive(Clone, Copy)]
        pub struct Str {
            data: *const c_char,
            size: usize,
        }

        impl Str {
            fn new(text: &str) -> Str {
                Str { data: text.as_ptr().cast(), size: text.len() }
            }

            pub fn bytes(&self) -> &[u8] {
                if self.data.is_null() {
                    return &[];
                }
                unsafe { std::slice::from_raw_parts(self.data.cast(), self.size) }
            }
        }

        #[repr(C)]
        pub struct Host {
            struct_size: u32,
            abi_major: u16,
            abi_minor: u16,
            context: *mut c_void,
            log: extern "C" fn(*const Host, i32, Str),
            interface: extern "C" fn(*const Host, *const c_char) -> *const c_void,
        }

        #[repr(C)]
        pub struct Server {
            struct_size: u32,
            pub pid: i32,
            pub name: Str,
            pub version: Str,
            pub address: Str,
            pub port: u32,
            pub workers: u32,
            pub generation: u32,
            pub started_at: f64,
        }

        #[repr(C)]
        pub struct Worker {
            struct_size: u32,
            pub slot: u32,
            pub age: u64,
            pub pid: i32,
            pub generation: u32,
            pub exit_status: i32,
            pub exit_signal: i32,
            pub exit_reason: Str,
        }

        #[repr(C)]
        pub struct Workers {
            struct_size: u32,
            pub new_count: u32,
            pub old_count: u32,
        }

        #[repr(C)]
        pub struct Header {
            pub name: Str,
            pub value: Str,
        }

        #[repr(C)]
        pub struct Request {
            struct_size: u32,
            pub version_major: u16,
            pub version_minor: u16,
            pub id: u64,
            pub method: Str,
            pub target: Str,
            pub path: Str,
            pub query: Str,
            headers: *const Header,
            header_count: usize,
            pub content_length: i64,
            pub chunked: u32,
            pub remote_port: u32,
            pub remote_address: Str,
            pub server_address: Str,
            pub server_port: u32,
            reserved: u32,
            pub scheme: Str,
            pub bytes: u64,
        }

        impl Request {
            pub fn headers(&self) -> &[Header] {
                if self.headers.is_null() {
                    return &[];
                }
                unsafe { std::slice::from_raw_parts(self.headers, self.header_count) }
            }
        }

        #[repr(C)]
        pub struct Response {
            struct_size: u32,
            pub status: u32,
            pub bytes: u64,
            pub duration_ns: u64,
        }

        #[repr(C)]
        pub struct Call {
            struct_size: u32,
            pub point: u32,
            pub deadline_ns: u64,
            state: *mut c_void,
            host: *const Host,
            server: *const Server,
            worker: *const Worker,
            workers: *const Workers,
            request: *const Request,
            response: *const Response,
        }

        impl Call {
            /// Writes one line to the error log.
            pub fn log(&self, severity: i32, message: &str) {
                unsafe { ((*self.host).log)(self.host, severity, Str::new(message)) }
            }

            pub fn server(&self) -> Option<&Server> {
                unsafe { self.server.as_ref() }
            }

            pub fn worker(&self) -> Option<&Worker> {
                unsafe { self.worker.as_ref() }
            }

            pub fn workers(&self) -> Option<&Workers> {
                unsafe { self.workers.as_ref() }
            }

            pub fn request(&self) -> Option<&Request> {
                unsafe { self.request.as_ref() }
            }

            pub fn response(&self) -> Option<&Response> {
                unsafe { self.response.as_ref() }
            }
        }

        #[repr(C)]
        pub struct PluginInfo {
            struct_size: u32,
            abi_major: u16,
            abi_minor: u16,
            id: *const c_char,
            version: *const c_char,
            language: *const c_char,
            create: Option<extern "C" fn(*const Host, *mut *mut c_void) -> i32>,
            destroy: Option<extern "C" fn(*mut c_void)>,
            interface: Option<extern "C" fn(*mut c_void, *const c_char) -> *const c_void>,
        }

        // It is never changed.
        unsafe impl Sync for PluginInfo {}

        impl PluginInfo {
            pub const fn new(id: &'static CStr, version: &'static CStr) -> PluginInfo {
                PluginInfo {
                    struct_size: size_of::<PluginInfo>() as u32,
                    abi_major: 1,
                    abi_minor: 1,
                    id: id.as_ptr(),
                    version: version.as_ptr(),
                    language: c"rust".as_ptr(),
                    create: None,
                    destroy: None,
                    interface: None,
                }
            }
        }

        /// Runs the body of a hook. A panic must not leave it: it becomes ERROR.
        pub fn hook(call: *const Call, body: impl FnOnce(&Call) -> i32) -> i32 {
            let Some(call) = (unsafe { call.as_ref() }) else { return ERROR };
            catch_unwind(AssertUnwindSafe(|| body(call))).unwrap_or(ERROR)
        }

        """
}

#include "talon_guard.h"

int talon_plan_prepare_standard(talon_plan *plan) {
    plan->arguments[0] = &ffi_type_pointer;
    return ffi_prep_cif(&plan->interface, FFI_DEFAULT_ABI, 1, &ffi_type_sint32, plan->arguments) == FFI_OK ? 0 : -1;
}

int32_t talon_guard_hook(talon_plan *plan, talon_symbol hook, const talon_call *call) {
    ffi_arg status = 0; /* libffi widens a narrow result to a register */
    void *values[] = {&call};
    talon_guard_stub_set_current(call);
    ffi_call(&plan->interface, hook, &status, values);
    talon_guard_stub_set_current(NULL);
    return (int32_t)status;
}

const talon_plugin_info *talon_guard_identity(talon_symbol entry) {
    return ((const talon_plugin_info *(*)(void))entry)();
}

int32_t talon_guard_create(const talon_plugin_info *info, const talon_host *host, void **state) {
    return info->create == NULL ? TALON_OK : info->create(host, state);
}

void talon_guard_destroy(const talon_plugin_info *info, void *state) {
    if (info->destroy != NULL) info->destroy(state);
}

const void *talon_guard_interface(const talon_plugin_info *info, void *state, const char *id) {
    return TALON_HAS(info, interface) && info->interface != NULL ? info->interface(state, id) : NULL;
}

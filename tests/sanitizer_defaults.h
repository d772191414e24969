// What AddressSanitizer is told where HDF5 1.10 meets damage: it loses some memory, copies from behind a damaged
// attribute, and asks for as much as a damaged size says, ready to be refused. Operator new, which is ours, is not
// refused but stopped. For the one source of a program that has main().
#pragma once

extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
    return "leak:libhdf5";
}

extern "C" const char* __asan_default_suppressions();
extern "C" const char* __asan_default_suppressions() {
    return "interceptor_via_lib:libhdf5";
}

extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() {
    return "allocator_may_return_null=1:max_allocation_size_mb=2048";
}

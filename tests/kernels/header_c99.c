/* The ABI's header alone, as strict C99, and the sizes of its structs: other languages write them by hand. */
#include <dfp16_kernel.h>

typedef char tensor_size[sizeof(dfp16_tensor) == 112 ? 1 : -1];
typedef char params_size[sizeof(dfp16_params) == 248 ? 1 : -1];
typedef char call_size[sizeof(dfp16_call) == 40 ? 1 : -1];
typedef char entry_size[sizeof(dfp16_kernel_entry) == 88 ? 1 : -1];
typedef char library_size[sizeof(dfp16_kernel_library) == 32 ? 1 : -1];

uint32_t dfp16_c99_params_bytes(void);
uint32_t dfp16_c99_params_bytes(void) {
    return (uint32_t)sizeof(dfp16_params);
}

! A kernel library in Fortran: quantize, rounding to nearest even and toward zero.
!
!     gfortran -O2 -shared -fPIC vectors/kernel/samples/quantize.f90 -o libquantize.so
!
! The types are those of dfp16_kernel.h, field by field.
module dfp16_sample_quantize
  use, intrinsic :: iso_c_binding
  use, intrinsic :: iso_fortran_env, only: int64, real64
  implicit none

  integer(c_int32_t), parameter :: dfp16_kernel_abi = 1
  integer(c_int), parameter :: dfp16_done = 0, dfp16_unsupported = 1
  integer(c_int32_t), parameter :: nearest_even = 0, toward_zero = 1
  integer, parameter :: exponent_min = -126

  type, bind(c) :: dfp16_tensor
    integer(c_int32_t) :: struct_size, element, layout, rank
    integer(c_int64_t) :: size(4), stride(4)
    type(c_ptr) :: data
    integer(c_int64_t) :: bytes
    integer(c_int32_t) :: exponent, has_exponent
    type(c_ptr) :: name
  end type

  type, bind(c) :: dfp16_params
    integer(c_int32_t) :: struct_size, policy
    type(c_ptr) :: op
    integer(c_int64_t) :: N, C, H, W, K, R, S, P, Q, M
    integer(c_int64_t) :: stride_h, stride_w, pad_h, pad_w, groups
    integer(c_int64_t) :: chain, seed
    integer(c_int32_t) :: step, tensor, headroom, rounding, relu, width, masking, pool_size
    integer(c_int64_t) :: count, lrn_size
    real(c_float) :: lrn_alpha, lrn_k, dropout_rate, loss_weight, epsilon, momentum, weight_decay, learning_rate
    integer(c_int64_t) :: channels_count
    type(c_ptr) :: channels
  end type

  type, bind(c) :: dfp16_call
    integer(c_int32_t) :: struct_size, threads
    type(c_ptr) :: params
    integer(c_int32_t) :: input_count, output_count
    type(c_ptr) :: inputs, outputs
  end type

  type, bind(c) :: dfp16_kernel_entry
    integer(c_int32_t) :: struct_size, flags
    type(c_ptr) :: op
    integer(c_int32_t) :: input_layouts(8), output_layouts(8)
    type(c_funptr) :: run
  end type

  type, bind(c) :: dfp16_kernel_library
    integer(c_int32_t) :: struct_size, abi
    type(c_ptr) :: name
    integer(c_int64_t) :: entry_count
    type(c_ptr) :: entries
  end type

  character(kind=c_char), target, save :: op_name(9) = [ 'q', 'u', 'a', 'n', 't', 'i', 'z', 'e', c_null_char ]
  character(kind=c_char), target, save :: library_name(16) = &
    [ 's', 'a', 'm', 'p', 'l', 'e', '-', 'q', 'u', 'a', 'n', 't', 'i', 'z', 'e', c_null_char ]
  type(dfp16_kernel_entry), target, save :: entry
  type(c_ptr), target, save :: entries(1)
  type(dfp16_kernel_library), target, save :: library

contains

  function dfp16_kernels() bind(c, name='dfp16_kernels') result(table)
    type(c_ptr) :: table
    entry%struct_size = int(c_sizeof(entry), c_int32_t)
    entry%flags = 0
    entry%op = c_loc(op_name)
    entry%input_layouts = 0   ! plain
    entry%output_layouts = 0
    entry%run = c_funloc(run_quantize)
    entries(1) = c_loc(entry)
    library%struct_size = int(c_sizeof(library), c_int32_t)
    library%abi = dfp16_kernel_abi
    library%name = c_loc(library_name)
    library%entry_count = 1
    library%entries = c_loc(entries)
    table = c_loc(library)
  end function

  function run_quantize(call_pointer) bind(c) result(status)
    type(c_ptr), value :: call_pointer
    integer(c_int) :: status
    type(dfp16_call), pointer :: call
    type(dfp16_params), pointer :: params
    type(c_ptr), pointer :: inputs(:), outputs(:)
    type(dfp16_tensor), pointer :: x, y
    real(c_float), pointer :: values(:)
    integer(c_int16_t), pointer :: mantissas(:)

    call c_f_pointer(call_pointer, call)
    call c_f_pointer(call%params, params)
    status = dfp16_unsupported
    if (params%rounding /= nearest_even .and. params%rounding /= toward_zero) return
    call c_f_pointer(call%inputs, inputs, [call%input_count])
    call c_f_pointer(call%outputs, outputs, [call%output_count])
    call c_f_pointer(inputs(1), x)
    call c_f_pointer(outputs(1), y)
    call c_f_pointer(x%data, values, [product(x%size)])
    call c_f_pointer(y%data, mantissas, [product(y%size)])
    call quantize(values, params%headroom, params%rounding, mantissas, y%exponent)
    status = dfp16_done
  end function

  ! Contract section 6.
  subroutine quantize(x, headroom, rounding, m, e)
    real(c_float), intent(in) :: x(:)
    integer(c_int32_t), intent(in) :: headroom, rounding
    integer(c_int16_t), intent(out) :: m(:)
    integer(c_int32_t), intent(out) :: e
    real(real64) :: largest, factor
    integer(int64) :: limit, i

    largest = maxval(abs(real(x, real64)))
    e = exponent_min
    m = 0
    if (largest == 0.0_real64) return
    ! exponent() is one more than the floor of the binary logarithm.
    e = max(exponent(largest) - 1 - (14 - headroom), exponent_min)
    factor = scale(1.0_real64, -e)
    limit = shiftl(1_int64, 15 - headroom) - 1
    do i = 1, size(x, kind=int64)
      m(i) = int(max(-limit, min(limit, rounded(x(i) * factor, rounding))), c_int16_t)
    end do
  end subroutine

  pure function rounded(v, rounding) result(n)
    real(real64), intent(in) :: v
    integer(c_int32_t), intent(in) :: rounding
    integer(int64) :: n
    real(real64) :: rest
    n = int(v, int64)   ! toward zero
    if (rounding == toward_zero) return
    rest = abs(v - n)
    if (rest > 0.5_real64 .or. (rest == 0.5_real64 .and. mod(n, 2_int64) /= 0)) then
      n = n + merge(-1_int64, 1_int64, v < 0)
    end if
  end function

end module

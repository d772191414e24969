# cmake -DNM=nm -DLIBRARY=libdfp16_fastpath.a -P isa_objects.cmake
# Objects compiled for one ISA must not define weak symbols: the linker may keep that copy for every caller.
execute_process(COMMAND ${NM} --print-file-name --defined-only ${LIBRARY}
                OUTPUT_VARIABLE symbols RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "${NM} failed on ${LIBRARY}")
endif()

string(REPLACE ";" "," symbols "${symbols}")
string(REPLACE "\n" ";" symbols "${symbols}")
set(objects)
set(weak)
foreach(symbol IN LISTS symbols)
  # library:object:value type name
  if(symbol MATCHES "([A-Za-z0-9_]+_(avx2|avx512bw|avx512vnni)\\.cpp\\.o):[0-9a-f]* ([A-Za-z]) (.*)$")
    list(APPEND objects ${CMAKE_MATCH_1})
    if(CMAKE_MATCH_3 MATCHES "[VvWwu]")
      list(APPEND weak "${CMAKE_MATCH_1}: ${CMAKE_MATCH_4}")
    endif()
  endif()
endforeach()

list(REMOVE_DUPLICATES objects)
list(LENGTH objects count)
if(count EQUAL 0)
  message(FATAL_ERROR "no per-ISA object found in ${LIBRARY}")
endif()
if(weak)
  list(JOIN weak "\n  " lines)
  message(FATAL_ERROR "weak symbols in per-ISA objects:\n  ${lines}")
endif()
message(STATUS "${count} per-ISA objects, none defines a weak symbol: ${objects}")

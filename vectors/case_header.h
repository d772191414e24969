// What a golden case is, without its data.
#pragma once

#include <string>

#include "reference/interface/backend.h"
#include "reference/interface/host_tensor.h"
#include "reference/interface/operation.h"
#include "reference/interface/shape.h"

namespace dfp16 {

struct CaseHeader {
    std::string name;  ///< its class: "forward/3x3-stride2-pad1/uniform/exact"
    OpKind op = OpKind::quantize;
    OpParams params;
    Shape extent;  ///< where params do not give the shapes: (count) of instructions, otherwise see has_shape()
    ElementType element = ElementType::mantissa;    ///< of the tensors of relu_forward; of dy of the operations that
                                                    ///< take it in two types: bias_gradient, relu_backward
    ElementType y_element = ElementType::mantissa;  ///< of y of relu_backward
    RunContext context;                             ///< seed and step of random words; learning rate of sgd_update
};

}  // namespace dfp16

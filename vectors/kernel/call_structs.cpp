#include "vectors/kernel/call_structs.h"

#include <algorithm>
#include <cstring>

#include "vectors/kernel/call_params.h"

namespace dfp16::kernel {

namespace {

constexpr std::size_t kAlignment = 8;

std::size_t aligned(std::size_t bytes) {
    return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

}  // namespace

std::size_t struct_bytes(const CaseHeader& header, const std::vector<TrialTensor>& inputs,
                         const std::vector<TrialTensor>& outputs) {
    std::size_t bytes = aligned(sizeof(dfp16_call)) + aligned(sizeof(dfp16_params));
    bytes += static_cast<std::size_t>(params_of(header).channels_count) * sizeof(std::int64_t);
    for (const std::vector<TrialTensor>* tensors : {&inputs, &outputs}) {
        for (const TrialTensor& tensor : *tensors) {
            bytes += sizeof(dfp16_tensor*) + aligned(sizeof(dfp16_tensor)) + aligned(tensor.operand->name.size() + 1);
        }
    }
    return bytes;
}

StructWriter::StructWriter(unsigned char* memory, std::size_t inputs, std::size_t outputs)
    : next_(memory), input_count_(inputs), output_count_(outputs) {}

template <typename Element>
Element* StructWriter::take(std::size_t count) {
    unsigned char* place = next_;
    next_ += aligned(count * sizeof(Element));
    return new (place) Element[count]();
}

dfp16_call* StructWriter::call(const CaseHeader& header, int threads) {
    dfp16_call* call = take<dfp16_call>();
    dfp16_params* params = take<dfp16_params>();
    inputs_ = take<dfp16_tensor*>(input_count_);
    outputs_ = take<dfp16_tensor*>(output_count_);
    *params = params_of(header);
    auto* channels = take<std::int64_t>(static_cast<std::size_t>(params->channels_count));
    std::copy_n(params->channels, params->channels_count, channels);
    if (params->channels_count > 0) params->channels = channels;
    *call = {sizeof(dfp16_call),
             threads,
             params,
             static_cast<std::int32_t>(input_count_),
             static_cast<std::int32_t>(output_count_),
             inputs_,
             outputs_};
    return call;
}

void StructWriter::input(std::size_t index, const TrialTensor& from, std::size_t run, const Place& place,
                         int exponent) {
    inputs_[index] = tensor(from, run, place);
    if (from.operand->scaled) inputs_[index]->exponent = exponent;
}

void StructWriter::output(std::size_t index, const TrialTensor& from, std::size_t run, const Place& place) {
    outputs_[index] = tensor(from, run, place);
    if (from.operand->scaled) outputs_[index]->exponent = kUnsetExponent;
}

dfp16_tensor* StructWriter::tensor(const TrialTensor& from, std::size_t run, const Place& place) {
    const Form& form = from.form(run);
    dfp16_tensor* tensor = take<dfp16_tensor>();
    tensor->struct_size = sizeof(dfp16_tensor);
    tensor->element = static_cast<std::int32_t>(form.type);
    tensor->layout = form.layout;
    tensor->rank = static_cast<std::int32_t>(form.shape.rank());
    for (std::size_t i = 0; i < 4; ++i) {
        tensor->size[i] = i < form.shape.rank() ? form.shape[i] : 1;
        tensor->stride[i] = form.stride[i];
    }
    tensor->data = place.data;
    tensor->bytes = place.bytes;
    tensor->has_exponent = from.operand->scaled ? 1 : 0;
    char* name = take<char>(from.operand->name.size() + 1);
    std::memcpy(name, from.operand->name.c_str(), from.operand->name.size() + 1);
    tensor->name = name;
    return tensor;
}

}  // namespace dfp16::kernel

/* Prints every case of an exported header as text, and one parameter by its macro. */
#include "all-cases.h"

#include <stdio.h>
#include <string.h>

static void print_tensor(const struct dfp16_tensor *t) {
    int d;
    int64_t i;
    printf("%s %s %d %d ", t->name, t->type, t->scaled, t->exponent);
    for (d = 0; d < t->rank; ++d) printf("%s%ld", d > 0 ? "x" : "", (long)t->shape[d]);
    for (i = 0; i < t->elements; ++i) {
        unsigned bits;
        if (strcmp(t->type, "int16") == 0) {
            bits = (uint16_t)((const int16_t *)t->data)[i];
        } else if (strcmp(t->type, "fp32") == 0) {
            bits = ((const uint32_t *)t->data)[i];
        } else {
            bits = (uint32_t)((const int32_t *)t->data)[i];
        }
        printf(" %x", bits);
    }
    printf("\n");
}

int main(void) {
    int i, k;
    for (i = 0; i < ALL_CASES_CASES; ++i) {
        const struct dfp16_case *c = &all_cases_cases[i];
        printf("case %d %s %s\n", c->number, c->op, c->name);
        for (k = 0; k < c->inputs; ++k) print_tensor(&c->input[k]);
        for (k = 0; k < c->outputs; ++k) print_tensor(&c->output[k]);
    }
    printf("K %d\n", ALL_CASES_000000_K);
    return 0;
}

/* A shared library that is none of kernels. */
int dfp16_nothing(void);
int dfp16_nothing(void) {
    return 0;
}

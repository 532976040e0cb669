/* test_wire.h - a struct test_result as bytes, from a worker to its parent. */
#ifndef TOOLS_TEST_WIRE_H
#define TOOLS_TEST_WIRE_H

#include "report/test_result.h"

void test_result_pack(const struct test_result *r, struct strbuf *out);
/* Strings are copied into `a`. */
void test_result_unpack(struct arena *a, const char *bytes, size_t n, struct test_result *ret_result);

#endif

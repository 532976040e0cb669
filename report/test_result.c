/* test_result.c - what the reporters of `podsim test` share. */
#include "report/test_result.h"

const char *const test_outcome_names[TEST_OUTCOME_COUNT] = {
#define X(id, name, plural) [TEST_##id] = name,
    TEST_OUTCOMES(X)
#undef X
};

void test_count(const struct test_run *run, struct test_counts *ret_counts)
{
    *ret_counts = (struct test_counts){0};
    for (uint32_t i = 0; i < run->count; i++) {
        const struct check_results *checks = &run->results[i].checks;
        ret_counts->cases[run->results[i].outcome]++;
        ret_counts->checks += checks->count;
        for (uint32_t k = 0; k < checks->count; k++) {
            const struct check_result *c = &checks->items[k];
            ret_counts->failed_checks += c->outcome == CHECK_FAILED;
            ret_counts->written += c->outcome == CHECK_PASSED && c->message;
        }
    }
}

bool test_is_fine(const struct test_result *r) { return r->outcome == TEST_PASSED || r->outcome == TEST_SKIPPED; }

void test_run_check(const struct test_result *r, struct check_result *ret_check)
{
    *ret_check = (struct check_result){.name = "run", .outcome = CHECK_PASSED, .file = r->file, .line = r->line};
    if (r->outcome == TEST_SKIPPED)
        ret_check->outcome = CHECK_SKIPPED;
    if (r->outcome == TEST_PASSED || r->outcome == TEST_FAILED)
        return;
    if (r->outcome != TEST_SKIPPED)
        ret_check->outcome = CHECK_FAILED;
    ret_check->message = r->reason ? r->reason : test_outcome_names[r->outcome];
    ret_check->details = r->diagnostics;
    if (r->error_file) {
        ret_check->file = r->error_file;
        ret_check->line = r->error_line;
        ret_check->column = r->error_column;
    }
}

/* test_report.h - where the results of `podsim test` go. */
#ifndef TOOLS_TEST_REPORT_H
#define TOOLS_TEST_REPORT_H

#include "report/test_result.h"
#include "tools/options.h"

/* Writes the reports that are asked for, each whole or not at all. Returns 0, or -1 with a line per one that could not
 * be written. */
int test_reports_write(const struct options *o, const struct test_run *run, struct strbuf *complaint);
/* Does a report go to standard output? Then nothing else may. */
bool test_report_takes_stdout(const struct options *o);
/* --github, or a job of GitHub Actions. */
bool test_report_github(const struct options *o);
/* From the root of the repository that GitHub has checked out to here: "charts/"; NULL = here, or nobody knows. */
const char *test_report_directory(struct arena *a);

/* To standard output, at once. When nobody reads it any more, that is that; -1 with errno otherwise. */
int test_say(const struct strbuf *text);

#endif

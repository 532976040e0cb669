/* test_report.c - reports into files and to standard output. */
#include "tools/test_report.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/files.h"
#include "tools/options_table.h"
#include "tools/output.h"
#include "tools/replace_file.h"

static const struct {
    enum option_id id;
    void (*write)(const struct test_run *run, struct strbuf *out);
} reports[] = {{OPT_JUNIT, test_junit}, {OPT_TAP, test_tap}, {OPT_JSON, test_json}};

static const char *destination(const struct options *o, enum option_id id)
{
    return *(const char *const *)((const char *)o + option_infos[id].offset);
}

int test_say(const struct strbuf *text)
{
    static bool nobody_reads;
    if (nobody_reads || write_all(STDOUT_FILENO, strbuf_str(text), text->len) == 0)
        return 0;
    nobody_reads = errno == EPIPE;
    return nobody_reads ? 0 : -1;
}

/* A device or a pipe has nothing to replace. */
static int write_in_place(const char *path, int flags, const struct strbuf *text, struct strbuf *complaint)
{
    int fd = open(path, flags | O_WRONLY | O_CLOEXEC, 0666);
    int result = fd < 0 ? -1 : write_all(fd, strbuf_str(text), text->len), error = errno;
    if (fd >= 0 && close(fd) < 0 && result == 0) {
        result = -1;
        error = errno;
    }
    if (result < 0)
        strbuf_printf(complaint, "%s: cannot be written: %s", path, strerror(error));
    return result;
}

static int write_report(const char *path, const struct strbuf *text, struct strbuf *complaint)
{
    struct stat st;
    if (strcmp(path, "-") == 0) {
        if (test_say(text) == 0)
            return 0;
        strbuf_printf(complaint, "cannot write output: %s", strerror(errno));
        return -1;
    }
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
        return write_in_place(path, 0, text, complaint);
    return replace_file(path, strbuf_str(text), text->len, complaint);
}

static void add_complaint(struct strbuf *complaints, const struct strbuf *complaint)
{
    if (complaint->len)
        strbuf_printf(complaints, "podsim: %s\n", strbuf_str(complaint));
}

/* Annotations stand in the log; the page is added to what other steps have put there. */
static int write_github(const struct options *o, const struct test_run *run, struct strbuf *complaints)
{
    struct strbuf annotations = STRBUF_INIT, page = STRBUF_INIT, complaint = STRBUF_INIT;
    const char *path = getenv("GITHUB_STEP_SUMMARY");
    test_github(run, &annotations, &page);
    int result = 0;
    if (test_report_takes_stdout(o)) /* GitHub reads both */
        output_error(&annotations);
    else
        result = test_say(&annotations);
    if (result < 0)
        strbuf_printf(&complaint, "cannot write output: %s", strerror(errno));
    else if (path && *path)
        result = write_in_place(path, O_APPEND | O_CREAT, &page, &complaint);
    add_complaint(complaints, &complaint);
    strbuf_fini(&complaint);
    strbuf_fini(&page);
    strbuf_fini(&annotations);
    return result;
}

int test_reports_write(const struct options *o, const struct test_run *run, struct strbuf *complaints)
{
    int result = 0;
    for (size_t i = 0; i < ARRAY_LEN(reports); i++) {
        const char *path = destination(o, reports[i].id);
        if (!path)
            continue;
        struct strbuf text = STRBUF_INIT, complaint = STRBUF_INIT;
        reports[i].write(run, &text);
        if (write_report(path, &text, &complaint) < 0)
            result = -1;
        add_complaint(complaints, &complaint);
        strbuf_fini(&complaint);
        strbuf_fini(&text);
    }
    if (test_report_github(o) && write_github(o, run, complaints) < 0)
        result = -1;
    return result;
}

bool test_report_takes_stdout(const struct options *o)
{
    for (size_t i = 0; i < ARRAY_LEN(reports); i++)
        if (text_is(destination(o, reports[i].id), "-"))
            return true;
    return false;
}

const char *test_report_directory(struct arena *a)
{
    char here[PATH_MAX];
    const char *root = getenv("GITHUB_WORKSPACE");
    size_t n = root ? strlen(root) : 0;
    while (n > 1 && root[n - 1] == '/')
        n--;
    if (n == 0 || !getcwd(here, sizeof here) || strncmp(here, root, n) != 0 || here[n] != '/')
        return NULL;
    return arena_printf(a, "%s/", here + n + 1);
}

bool test_report_github(const struct options *o)
{
    if (options_given(o, OPT_GITHUB))
        return o->test.github;
    return text_is(getenv("GITHUB_ACTIONS"), "true") && !test_report_takes_stdout(o);
}

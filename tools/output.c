/* output.c - standard output and standard error. */
#include "tools/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "report/report.h"
#include "tools/files.h"
#include "tools/options_table.h"

struct strbuf output = STRBUF_INIT;

void output_error(const struct strbuf *text)
{
    /* Nothing can be done if even this fails. */
    (void)write_all(STDERR_FILENO, strbuf_str(text), text->len);
}

int output_flush(int code)
{
    int result = write_all(STDOUT_FILENO, strbuf_str(&output), output.len);
    if (result == 0 && close(STDOUT_FILENO) < 0)
        result = -1;
    strbuf_fini(&output);
    if (result == 0 || errno == EPIPE) /* whoever reads has had enough */
        return code;
    struct strbuf complaint = STRBUF_INIT;
    strbuf_printf(&complaint, "podsim: cannot write output: %s\n", strerror(errno));
    output_error(&complaint);
    strbuf_fini(&complaint);
    return EXIT_MACHINE;
}

/* no-color.org and bixense.com/clicolors. */
bool output_color(enum when when, int fd)
{
    if (when != WHEN_AUTO)
        return when == WHEN_ALWAYS;
    const char *no = getenv("NO_COLOR"), *force = getenv("CLICOLOR_FORCE"), *want = getenv("CLICOLOR");
    if (no && *no)
        return false;
    if (force && *force && strcmp(force, "0") != 0)
        return true;
    return isatty(fd) && !(want && strcmp(want, "0") == 0);
}

uint32_t output_width(int fd)
{
    struct winsize size;
    if (!isatty(fd) || ioctl(fd, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
        return REPORT_WIDTH;
    return size.ws_col < REPORT_WIDTH_MIN ? REPORT_WIDTH_MIN : size.ws_col;
}

/* POSIX: the first of these that is set and not empty names the locale. In a pipe bytes do not depend on it. */
bool output_utf8(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    if (!isatty(STDOUT_FILENO))
        return true;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const char *value = getenv(names[i]);
        if (value && *value)
            return strstr(value, "UTF-8") || strstr(value, "utf8") || strstr(value, "UTF8") || strstr(value, "utf-8");
    }
    return false;
}

struct diag_style output_diag_style(const struct options *o)
{
    return (struct diag_style){
        .cap = (uint32_t)o->max_diagnostics,
        .quiet = o->quiet || o->warnings == WARNINGS_OFF,
        .color = output_color(o->color, STDERR_FILENO),
        .json = o->diagnostics == DIAGNOSTICS_JSON,
    };
}

void output_diags(const struct diag_set *d, const struct options *o)
{
    struct strbuf text = STRBUF_INIT;
    const struct diag_style style = output_diag_style(o);
    diag_write(d, &style, &text);
    output_error(&text);
    strbuf_fini(&text);
}

int output_usage_error(enum command_id command, const char *complaint)
{
    struct strbuf text = STRBUF_INIT;
    strbuf_printf(&text, "podsim: %s\nUsage: ", complaint);
    options_usage(command, &text);
    strbuf_printf(&text, "\nTry \"podsim help%s%s\".\n", command == CMD_COUNT ? "" : " ",
                  command == CMD_COUNT ? "" : command_infos[command].name);
    output_error(&text);
    strbuf_fini(&text);
    return EXIT_USAGE;
}

/* output.h - what podsim prints: standard output is gathered and written once, at the end. */
#ifndef TOOLS_OUTPUT_H
#define TOOLS_OUTPUT_H

#include "tools/options.h"

/* For standard output. */
extern struct strbuf output;

/* To standard error, at once. */
void output_error(const struct strbuf *text);
/* Writes and forgets `output`; returns `code`, or EXIT_MACHINE with a complaint. */
int output_flush(int code);
struct diag_style output_diag_style(const struct options *o);
/* What is wrong with files, on standard error, as the options want it. */
void output_diags(const struct diag_set *d, const struct options *o);
/* A wrong command line: what is wrong with it, and how it should look. Returns EXIT_USAGE. */
int output_usage_error(enum command_id command, const char *complaint);
/* Are colours wanted on this file descriptor? */
uint32_t output_width(int fd); /* columns of the terminal; REPORT_WIDTH when it is none */
bool output_utf8(void);        /* whether standard output may be written to in UTF-8 */
bool output_color(enum when when, int fd);

#endif

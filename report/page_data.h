/* page_data.h - the files of report/page/, put into C by embed.py. */
#ifndef REPORT_PAGE_DATA_H
#define REPORT_PAGE_DATA_H

extern const char page_html[]; /* with @TITLE@, @CSS@, @DATA@ and @JS@ to be filled in */
extern const char page_css[];
extern const char page_js[];

#endif

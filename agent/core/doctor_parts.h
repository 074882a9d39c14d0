#pragma once
/* What the judgements of `doctor` share. */

#include "core/doctor.h"

void doctor_found(struct doctor_line *line, const char *format, ...) printf_like(2, 3);
/* "es", "s": the end of a word that counts n things. */
static inline const char *doctor_plural(size_t n, const char *end)
{
	return n == 1 ? "" : end;
}
/* What is lost, and what brings it. */
void doctor_less(struct doctor_line *line, enum health health, const char *lost,
		 const char *todo);
/* In words, of an errno. */
const char *doctor_reason(int error);

/* Of doctor_places.c: which processes there are, and how far we reach. */
void doctor_place(const struct doctor_facts *facts, struct doctor_line *line);
void doctor_processes(const struct doctor_facts *facts, struct doctor_line *line);
void doctor_pods(const struct doctor_facts *facts, struct doctor_line *line);
void doctor_runtime(const struct doctor_facts *facts, struct doctor_line *line);
void doctor_confinement(const struct doctor_facts *facts, struct doctor_line *line);
void doctor_network(const struct doctor_facts *facts, struct doctor_line *line);
void doctor_handed(const struct doctor_facts *facts, struct doctor_line *line);
void doctor_journal(const struct doctor_facts *facts, struct doctor_line *line);
void doctor_far(const struct doctor_facts *facts, struct doctor_line *line);

// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* A disk that fails: the system calls that write are defined again in front of the C library's. */
#pragma once

/* From the @n th such call on (1 for the next), @count of them fail with @number; any thread. */
void gv_faults_set (int n, int count, int number);

/* All goes well again. */
void gv_faults_clear (void);

/* How many there were since faults were set. */
int gv_faults_get_calls (void);

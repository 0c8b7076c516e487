// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Reads tests/fixtures/sample.json, which tests/oracle/make_sample.py writes. */
#pragma once

#include <yyjson.h>

/* The part called @name, valid until the program ends.  Aborts if it is not there. */
yyjson_val *fixture_part (const char *name);

/* Members of a case; each aborts if the member is missing. */
const char *fixture_string (yyjson_val *object, const char *member);
int fixture_int (yyjson_val *object, const char *member);
yyjson_val *fixture_array (yyjson_val *object, const char *member);

/* The @i-th number of an array, as a double whatever its JSON form. */
double fixture_number (yyjson_val *array, size_t i);

//go:build !torture

package main

// How hard the program is treated; torture_test.go has the long form.
const (
	kills         = 10 // with SIGKILL, on SQLite
	postgresKills = 5
	mostPerKill   = 500 // things that people were told before the next kill, at most
)

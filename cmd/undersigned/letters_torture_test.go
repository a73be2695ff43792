//go:build torture

package main

func init() { letterWriters, letterKills = 40, 20 }

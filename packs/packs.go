// Package packs holds the content that comes with the program: what a site with an empty database opens with.
package packs

import (
	"embed"
	"io/fs"
)

//go:embed all:immigration-detention
var files embed.FS

// Starter is the pack of the first issue, Immigration Detention, for pack.Read.
var Starter = mustSub("immigration-detention")

func mustSub(dir string) fs.FS {
	sub, err := fs.Sub(files, dir)
	if err != nil {
		panic(err) // dir is a constant above and a valid path
	}
	return sub
}

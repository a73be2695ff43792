package action

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/undersigned/undersigned/internal/packet"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/translog"
)

// preparePacket makes a packet where nobody can read it, so that it is whole, and checked, before its first byte leaves. Names
// are on the disk under a key that is in memory alone; the copy of the log holds nothing that is not public.
func (s *Service) preparePacket(ctx context.Context, e *Export, o ExportOrder) error {
	scratch, err := seal.NewScratch(s.Scratch)
	if err != nil {
		return doing("make a packet", err)
	}
	logDir, err := os.MkdirTemp("", "undersigned-log-*")
	if err != nil {
		return errors.Join(doing("make a packet", err), scratch.Close())
	}
	e.close = func() error { return errors.Join(scratch.Close(), os.RemoveAll(logDir)) }
	done, err := s.makePacket(ctx, PacketOrder{Issue: o.Issue, Action: o.Action, Site: o.Site, Policy: o.Policy}, noWatching,
		func(g *packet.Ground, places packet.Places) (*packet.Writer, error) {
			return packet.CreateIn(scratch, logDir, g, places)
		})
	if err != nil {
		return errors.Join(doing("make a packet", err), e.Close())
	}
	e.N = done.Rows
	name := e.Name[:len(e.Name)-len(".zip")] + "/"
	e.write = func(ctx context.Context, w io.Writer) error {
		return zipPacket(ctx, w, name, scratch, os.DirFS(logDir))
	}
	return nil
}

// zipPacket writes a packet as a zip file, one file after another.
func zipPacket(ctx context.Context, w io.Writer, top string, folder *seal.Scratch, log fs.FS) error {
	archive := zip.NewWriter(w)
	put := func(name string, open func() (io.ReadCloser, error)) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		from, err := open()
		if err != nil {
			return err
		}
		defer from.Close()
		to, err := archive.CreateHeader(&zip.FileHeader{Name: top + name, Method: zip.Deflate})
		if err == nil {
			_, err = io.Copy(to, from)
		}
		if err != nil {
			return fmt.Errorf("zip a packet: %w", err)
		}
		return nil
	}
	for _, name := range folder.Names() {
		if err := put(name, func() (io.ReadCloser, error) { return folder.Open(name) }); err != nil {
			return err
		}
	}
	err := fs.WalkDir(log, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		return put(translog.PacketLog+"/"+name, func() (io.ReadCloser, error) { return log.Open(name) })
	})
	if err != nil {
		return err
	}
	return archive.Close()
}

package sealed

import (
	"context"
	"errors"
	"os"

	"filippo.io/age"

	"github.com/undersigned/undersigned/internal/packet"
	"github.com/undersigned/undersigned/translog"
)

// Packet makes of a bundle the folder that the server makes of a petition that is not sealed (see package packet), as of the
// day of the bundle. The folder must not be there; after an error it is not.
func (r *Reader) Packet(ctx context.Context, dir, logDir string, policy translog.Policy, identities []age.Identity, watch translog.Watch) (*Opened, *packet.Done, error) {
	w, err := packet.Create(dir, r.ground, r.zips.of)
	if err != nil {
		return nil, nil, err
	}
	opened, err := r.Open(ctx, logDir, policy, identities, watch, func(index int64, record *Record) error {
		return w.Add(index, &record.Signature, record.Opening)
	})
	if err == nil {
		err = os.CopyFS(w.LogDir(), os.DirFS(logDir))
	}
	if err != nil {
		return nil, nil, errors.Join(err, w.Close(), os.RemoveAll(dir))
	}
	done, err := w.Finish(ctx, opened.Log, policy)
	if err != nil {
		return nil, nil, errors.Join(err, os.RemoveAll(dir))
	}
	return opened, done, nil
}

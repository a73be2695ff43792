package job

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// Duty is something that every node does again and again. Doing it twice, or on two nodes at once, must do no harm.
type Duty struct {
	Name  string
	Every time.Duration
	Do    func(context.Context) error
}

// RunDuties does each duty at once and then at its pace, until ctx ends and the last one is done. A duty that fails is
// logged once for each new kind of failure, not every time: a network that is away must not fill the log.
func RunDuties(ctx context.Context, log *slog.Logger, duties ...Duty) {
	var all sync.WaitGroup
	for _, d := range duties {
		all.Go(func() { d.run(ctx, log) })
	}
	all.Wait()
}

func (d Duty) run(ctx context.Context, log *slog.Logger) {
	ticker := time.NewTicker(d.Every)
	defer ticker.Stop()
	var last string
	for {
		err := d.Do(ctx)
		switch {
		case err != nil && ctx.Err() == nil && err.Error() != last:
			last = err.Error()
			log.Error("a regular duty failed", "duty", d.Name, "error", err)
		case err == nil && last != "":
			last = ""
			log.Info("a regular duty works again", "duty", d.Name)
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

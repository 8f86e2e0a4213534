// Package funcapp handles the requests of the func service.
package funcapp

import (
	"context"
	"log/slog"

	"github.com/hawos/hawos/runtime/app"
	"github.com/hawos/hawos/runtime/errcode"
	"github.com/hawos/hawos/runtime/push"

	"github.com/hawos/hawos/hawosgen/generate/testdata/golden/ugly/gen/time"
)

// TimeOutService implements time.TimeOutHandler.
type TimeOutService struct {
	push push.Sender // what the generated PushX functions take
	log  *slog.Logger
}

var _ time.TimeOutHandler = (*TimeOutService)(nil)

// NewTimeOutService returns the handlers of one instance. It runs before
// others know the instance: open here what the handlers need, and close it by
// a.OnStop.
func NewTimeOutService(_ context.Context, a *app.App) (*TimeOutService, error) {
	return &TimeOutService{push: a.Push(), log: a.Log()}, nil
}

// Second answers time.time_out.Second.
func (s *TimeOutService) Second(ctx context.Context, in *time.Now) (*time.Now, error) {
	return nil, errcode.NotWritten("time.time_out.Second")
}

// Package context handles the requests of the context service.
package context

import (
	"context"
	"log/slog"

	"github.com/hawos/hawos/runtime/app"
	"github.com/hawos/hawos/runtime/errcode"
	"github.com/hawos/hawos/runtime/push"

	contextv1 "github.com/hawos/hawos/hawosgen/generate/testdata/golden/ugly/gen/context/v1"
	typev1 "github.com/hawos/hawos/hawosgen/generate/testdata/golden/ugly/gen/type/v1"
)

// Service implements contextv1.ContextHandler.
type Service struct {
	push push.Sender // what the generated PushX functions take
	log  *slog.Logger
}

var _ contextv1.ContextHandler = (*Service)(nil)

// New returns the handlers of one instance. It runs before
// others know the instance: open here what the handlers need, and close it by
// a.OnStop.
func New(_ context.Context, a *app.App) (*Service, error) {
	return &Service{push: a.Push(), log: a.Log()}, nil
}

// Do answers context.Context.Do.
func (s *Service) Do(ctx context.Context, in *typev1.Kind) (*typev1.Kind, error) {
	return nil, errcode.NotWritten("context.Context.Do")
}

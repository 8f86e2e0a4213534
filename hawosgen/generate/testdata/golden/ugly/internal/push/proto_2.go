// Package push handles the requests of the push service.
package push

import (
	"context"
	"log/slog"

	"github.com/hawos/hawos/runtime/app"
	"github.com/hawos/hawos/runtime/errcode"
	"github.com/hawos/hawos/runtime/push"

	inv1 "github.com/hawos/hawos/hawosgen/generate/testdata/golden/ugly/gen/in/v1"
	mv1 "github.com/hawos/hawos/hawosgen/generate/testdata/golden/ugly/gen/m/v1"
	pushv1 "github.com/hawos/hawos/hawosgen/generate/testdata/golden/ugly/gen/push/v1"
)

// Proto_2Service implements pushv1.Proto_2ServiceHandler.
type Proto_2Service struct {
	push push.Sender // what the generated PushX functions take
	log  *slog.Logger
}

var _ pushv1.Proto_2ServiceHandler = (*Proto_2Service)(nil)

// NewProto_2Service returns the handlers of one instance. It runs before
// others know the instance: open here what the handlers need, and close it by
// a.OnStop.
func NewProto_2Service(_ context.Context, a *app.App) (*Proto_2Service, error) {
	return &Proto_2Service{push: a.Push(), log: a.Log()}, nil
}

// Ctx answers push.v1.proto_2_service.ctx.
func (s *Proto_2Service) Ctx(ctx context.Context, in *inv1.Request) (*mv1.Reply, error) {
	return nil, errcode.NotWritten("push.v1.proto_2_service.ctx")
}

// XHidden answers push.v1.proto_2_service._hidden.
func (s *Proto_2Service) XHidden(ctx context.Context, in *inv1.Request) (*mv1.Reply, error) {
	return nil, errcode.NotWritten("push.v1.proto_2_service._hidden")
}

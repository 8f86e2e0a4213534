// Package templates holds what hawosgen prints. The path of a template below
// tree is the path of the file that it makes in a project, with .tmpl behind it;
// _package_, _file_, _app_ and _handler_ stand for names of the schema. Below
// part are blocks that templates share.
package templates

import "embed"

// FS holds tree and part. all: keeps the folders whose names begin with _.
//
//go:embed all:tree all:part
var FS embed.FS

//go:build tools

// Package tools pins the workflow controller that the tests run as a process.
package tools

import _ "github.com/argoproj/argo-workflows/v3/cmd/workflow-controller"

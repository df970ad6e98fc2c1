// Package upstream pins what upstream's end-to-end tests need: they are a package of tests, which no tool line can name.
package upstream

import _ "k8s.io/kubernetes/test/e2e"

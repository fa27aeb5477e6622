#!/bin/sh
# Tells of a deploy with curl. A server that is away must not fail the pipeline.
curl --fail-with-body --silent --show-error --retry 3 -H 'Content-Type: application/json' \
	-d "{\"id\": \"deploy-${CI_PIPELINE_ID:?}\", \"service\": \"${SERVICE:?}\", \"version\": \"${VERSION:?}\", \"title\": \"$SERVICE $VERSION\", \"by\": \"${CI_USER:-ci}\"}" \
	"${BURNLINE:-http://127.0.0.1:9900}/api/v1/changes" || echo "the deploy is not marked" >&2

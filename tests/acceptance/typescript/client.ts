// What a frontend writes against the generated types: each line stops compiling when the contract is broken.
import type { LinkUserMutation, LinkUserMutationVariables, MergedQuery, SourceState } from './operations'
import type { ProgramMetrics } from './schema'

export function counts(data: MergedQuery): Array<[string, number | null]> {
  return (data.classes?.nodes ?? []).map((row) => [row.name, row.enrolledCount ?? null])
}

export function stale(data: MergedQuery): SourceState[] {
  return (data.classes?.sources ?? []).map((source) => source.state).filter((state) => state !== 'FRESH')
}

export function occupancy(metrics: ProgramMetrics): number | null {
  return metrics.capacity && metrics.filledSeats != null ? metrics.filledSeats / metrics.capacity : null
}

export const variables: LinkUserMutationVariables = {
  input: { userId: 'a', providerId: 'b', canvasUserId: '9007199254740993', idempotencyKey: null },
}

export function outcome(data: LinkUserMutation): string {
  for (const error of data.linkUser?.errors ?? []) {
    switch (error.__typename) {
      case 'AlreadyLinkedError':
        return error.other ? `taken by ${error.other.user.fullName}` : 'taken'
      case 'UpstreamUnavailableError':
        return `again in ${error.retryAfter ?? 'a while'}`
      default:
        return error.message
    }
  }
  return data.linkUser?.link?.canvasName ?? 'linked'
}

// @ts-expect-error: a count may be unknown
export const seats = (metrics: ProgramMetrics): number => metrics.capacity

// @ts-expect-error: an id of Canvas's is a text, whatever its digits
export const rounded: LinkUserMutationVariables = { input: { userId: 'a', providerId: 'b', canvasUserId: 9007199254740993 } }

// What a frontend writes with gql.tada: documents are typed where they stand, nothing is generated for them.
import { initGraphQLTada, readFragment, type FragmentOf, type ResultOf, type VariablesOf } from 'gql.tada'
import type { introspection } from './introspection'

export const graphql = initGraphQLTada<{
  introspection: introspection
  scalars: { DateTime: string; Date: string; TimeZone: string; Duration: string; URL: string; JSON: unknown }
}>()

const Roster = graphql(`
  fragment Roster on Class {
    roster(first: 25) {
      nodes { enrolledAt user { fullName } }
    }
    ... on CanvasClass { canvasUrl }
  }
`)

const Classes = graphql(
  `
    query Classes($after: String, $filter: ClassFilter) {
      classes(first: 50, after: $after, filter: $filter) {
        nodes { id name startDate enrolledCount ...Roster }
        sources { state retryAfter }
      }
    }
  `,
  [Roster],
)

const LinkUser = graphql(`
  mutation LinkUser($input: LinkUserInput!) {
    linkUser(input: $input) {
      link { canvasName }
      errors {
        __typename
        ... on UserError { message }
        ... on AlreadyLinkedError { other { user { fullName } } }
      }
    }
  }
`)

export function counts(data: ResultOf<typeof Classes>): Array<[string, number | null]> {
  return (data.classes?.nodes ?? []).map((row) => [row.name, row.enrolledCount])
}

export function people(row: FragmentOf<typeof Roster>): string[] {
  return (readFragment(Roster, row).roster?.nodes ?? []).map((each) => each.user.fullName)
}

export function stale(data: ResultOf<typeof Classes>): boolean {
  return (data.classes?.sources ?? []).some((source) => source.state === 'STALE')
}

export function outcome(data: ResultOf<typeof LinkUser>): string {
  for (const error of data.linkUser?.errors ?? []) {
    return error.__typename === 'AlreadyLinkedError' ? (error.other?.user.fullName ?? 'taken') : error.message
  }
  return data.linkUser?.link?.canvasName ?? 'linked'
}

export const variables: VariablesOf<typeof LinkUser> = {
  input: { userId: 'a', providerId: 'b', canvasUserId: '9007199254740993' },
}
export const running: VariablesOf<typeof Classes> = { filter: { status: ['ACTIVE'] } }

// @ts-expect-error: a list may not be there
export const rows = (data: ResultOf<typeof Classes>): number => data.classes.nodes.length

// @ts-expect-error: nobody asked for it
export const capacity = (data: ResultOf<typeof Classes>): unknown => data.classes?.nodes[0]?.capacity

// @ts-expect-error: an id of Canvas's is a text, whatever its digits
export const rounded: VariablesOf<typeof LinkUser> = { input: { userId: 'a', providerId: 'b', canvasUserId: 9007199254740993 } }

// @ts-expect-error: there is no such state
export const odd: VariablesOf<typeof Classes> = { filter: { status: ['ODD'] } }

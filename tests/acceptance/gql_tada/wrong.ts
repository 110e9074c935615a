// TypeScript takes a document as it is; what the schema has not is found by `gql.tada check`.
import { graphql } from './client'

export const wrong = graphql(`
  query Wrong {
    classes { nodes { startDay } }
  }
`)

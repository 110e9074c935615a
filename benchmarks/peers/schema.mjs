// The schema, the data and the resolvers of every Node server here; homeroom's own are in ../comparison.py.
import DataLoader from "dataloader";

export const typeDefs = /* GraphQL */ `
  type Query { viewer: Viewer classes(n: Int!): [Class!]! }
  type Viewer { role: String! }
  type Class {
    id: ID! name: String! code: String credits: Int! rating: Float! active: Boolean! startsOn: String! enrolled: Int!
    teacher: Teacher
  }
  type Teacher { id: ID! name: String! }
`;

const teachers = Array.from({ length: 100 }, (_, number) => ({ id: String(number), name: `Teacher ${number}` }));

const classes = Array.from({ length: 10_000 }, (_, number) => ({
  id: String(number),
  name: `Class ${number}`,
  code: number % 3 ? `C-${number}` : null,
  credits: number % 5,
  rating: number / 7,
  active: number % 2 === 0,
  startsOn: "2026-09-01",
  enrolled: number % 30,
  teacherNumber: number % 100,
}));

export const context = () => ({
  teachers: new DataLoader(async (numbers) => numbers.map((number) => teachers[number])),
});

export const resolvers = {
  Query: {
    viewer: () => ({ role: "SYSTEM_ADMIN" }),
    classes: async (_, { n }) => classes.slice(0, n),
  },
  Class: { teacher: (row, _, { teachers }) => teachers.load(row.teacherNumber) },
};
